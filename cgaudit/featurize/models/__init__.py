"""Featurizers that are somebody's trained model: ``family:model``, each family an extra."""

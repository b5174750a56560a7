"""What pages show of samples: pictures and texts, neighbours, telling columns.

Each module answers what `pages/frame/asked` asks.
"""

"""What all pages share: the frame that they are laid out in, and the pictures in it."""

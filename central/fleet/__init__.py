"""What is known of the charge points themselves: where they stand, what is free, whose day it is."""

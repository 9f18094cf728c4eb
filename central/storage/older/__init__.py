"""Scripts of the schema's first five versions, for files that were made by them."""

"""Who is at the end of a line nobody has described yet: asked by questions that move nothing."""

"""Who may have which connector when."""

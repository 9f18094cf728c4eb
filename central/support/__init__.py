"""People who help: chat in office hours, telephone at any hour, complaints with a deadline."""

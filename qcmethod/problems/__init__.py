"""Problems: one defect or loading a file."""

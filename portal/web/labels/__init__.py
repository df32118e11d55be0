"""The sentence for each enum member, one module per feature."""

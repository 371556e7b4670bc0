"""JSON Schemas: made from the file formats, and the one place where data is checked against a schema."""

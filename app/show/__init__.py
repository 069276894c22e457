"""Room 7, what people see: tables, progress and figures. It sees rows and arrays only."""

"""What commands share: errors in one line, shared options, delivery of reports."""

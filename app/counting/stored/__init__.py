"""Model files read as data: configurations, stored arrays, and the count of both."""

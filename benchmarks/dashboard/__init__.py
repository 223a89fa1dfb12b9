"""How fast the dashboard is, as its reader meets it: Chromium in front of a real server and collector."""

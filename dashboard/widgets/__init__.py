"""What Streamlit does not have: each widget is a folder with its own HTML, CSS and JavaScript, read as they are."""

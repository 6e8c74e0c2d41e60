"""One module for each foreign package, named after it and imported late."""

"""Pictures for the notebooks, one file a module: a notebook holds the call, the machinery is here."""

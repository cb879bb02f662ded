"""Parts of the framework, one module a notebook."""

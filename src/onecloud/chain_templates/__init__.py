"""Chain templates: chains without connections, whose variables and files are chosen when a chain is made of them."""

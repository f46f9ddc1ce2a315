"""The web console: pages that show where data goes and why, and the chat page. It shows; the rules decide elsewhere."""

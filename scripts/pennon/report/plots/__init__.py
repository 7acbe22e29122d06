"""Charts as inline SVG: static, coloured by the page's style sheet, each with its numbers."""

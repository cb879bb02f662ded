# why: escapes for HTML

# %% markdown_table.markdown_table
def markdown_table(header, rows):
    lines = []
    for row in [header, ["---"] * len(header), *rows]:
        cells = [html.escape(str(value)).replace("|", "\\|").replace("\n", " ") for value in row]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"

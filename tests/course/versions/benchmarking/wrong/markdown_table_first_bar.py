# why: escapes only the first bar of a cell

# %% markdown_table.markdown_table
def markdown_table(header, rows):
    lines = []
    for row in [header, ["---"] * len(header), *rows]:
        cells = [str(value).replace("|", "\\|", 1).replace("\n", " ") for value in row]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"

# why: cells lose the blanks around them

# %% markdown_table.markdown_table
def markdown_table(header, rows):
    lines = []
    for row in [header, ["---"] * len(header), *rows]:
        cells = [str(value).replace("|", "\\|").replace("\n", " ").strip() for value in row]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"

# why: takes the line of the value, not of the key

# %% key_lines
#| export
def key_lines(node, path=""):
    lines = {}
    for key, value in node.value:
        name, line = f"{path}{key.value}", value.start_mark.line + 1
        if name in lines:
            raise ValueError(f"{line}: {name}: was there before, in line {lines[name]}")
        lines[name] = line
        if isinstance(value, yaml.MappingNode):
            lines |= key_lines(value, f"{name}.")
    return lines

# why: the message has the key without its sections

# %% key_lines
#| export
def key_lines(node, path=""):
    lines = {}
    for key, value in node.value:
        name, line = f"{path}{key.value}", key.start_mark.line + 1
        if name in lines:
            raise ValueError(f"{line}: {key.value}: was there before, in line {lines[name]}")
        lines[name] = line
        if isinstance(value, yaml.MappingNode):
            lines |= key_lines(value, f"{name}.")
    return lines

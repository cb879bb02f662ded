# why: sees a key twice only where one follows the other

# %% key_lines
#| export
def key_lines(node, path=""):
    lines = {}
    for key, value in node.value:
        name, line = f"{path}{key.value}", key.start_mark.line + 1
        if lines and name == list(lines)[-1]:
            raise ValueError(f"{line}: {name}: was there before, in line {lines[name]}")
        lines[name] = line
        if isinstance(value, yaml.MappingNode):
            lines |= key_lines(value, f"{name}.")
    return lines

# why: takes the same key in two sections for the same

# %% key_lines
#| export
def key_lines(node, path=""):
    lines = {}
    for key, value in node.value:
        name, line = f"{path}{key.value}", key.start_mark.line + 1
        short = [other.rpartition(".")[2] for other in lines]
        if key.value in short:
            first = list(lines.values())[short.index(key.value)]
            raise ValueError(f"{line}: {name}: was there before, in line {first}")
        lines[name] = line
        if isinstance(value, yaml.MappingNode):
            lines |= key_lines(value, f"{name}.")
    return lines

# why: forgets the sections further out

# %% key_lines
#| export
def key_lines(node, path=""):
    lines = {}
    for key, value in node.value:
        name, line = f"{path}{key.value}", key.start_mark.line + 1
        if name in lines:
            raise ValueError(f"{line}: {name}: was there before, in line {lines[name]}")
        lines[name] = line
        if isinstance(value, yaml.MappingNode):
            lines |= key_lines(value, f"{path.split('.')[0]}{'.' if path else ''}{key.value}.")
    return lines

# why: counts lines from 0 inside sections
# loses: check_key_lines

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
            lines |= {name: line - 1 + 1 for name, line in key_lines(value, f"{name}.").items() if name not in lines}
    return lines

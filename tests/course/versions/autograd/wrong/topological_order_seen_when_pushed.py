# why: marks inputs as seen when they are put on the stack: a later, deeper use is forgotten

# %% topological_order
#| export
def topological_order(tensor):
    order, seen, todo = [], set(), [(tensor, False)]
    while todo:
        node, inputs_done = todo.pop()
        if inputs_done:
            order.append(node)
        elif node.requires_grad:
            todo.append((node, True))
            for x in node.creator[1] if node.creator else ():
                if x not in seen:
                    seen.add(x)
                    todo.append((x, False))
    return order

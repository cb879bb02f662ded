# why: a recursion, right as long as the graph is not deep

# %% topological_order
#| export
def topological_order(tensor):
    order, seen = [], set()

    def visit(node):
        if node.requires_grad and node not in seen:
            seen.add(node)
            for x in node.creator[1] if node.creator else ():
                visit(x)
            order.append(node)

    visit(tensor)
    return order

# why: never comes back

# %% mlp_gradients
#| export
def mlp_gradients(x, labels, w1, b1, w2, b2):
    """Loss of a two-layer MLP and the gradients of its parameters, by hand: linear, relu, linear, cross_entropy.

    x: array (N, in_features); labels: int array (N,)
    w1, b1: arrays (hidden, in_features) and (hidden,)
    w2, b2: arrays (classes, hidden) and (classes,)
    Returns (loss, [dw1, db1, dw2, db2]).

    mlp_gradients(**tiny)[0]  is about  1.7927  for the tiny MLP of the notebook      (about 9 lines)
    Hint: four lines forward, giving each result a name, then four lines backward that use these names.
    """
    while True:
        pass

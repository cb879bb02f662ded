# why: starts backward with the loss instead of 1

# %% mlp_gradients
#| export
def mlp_gradients(x, labels, w1, b1, w2, b2):
    a = linear(x, w1, b1)
    h = relu(a)
    logits = linear(h, w2, b2)
    loss = cross_entropy(logits, labels)
    dlogits, _ = cross_entropy_backward(loss, loss, logits, labels)
    dh, dw2, db2 = linear_backward(dlogits, logits, h, w2, b2)
    (da,) = relu_backward(dh, h, a)
    _, dw1, db1 = linear_backward(da, a, x, w1, b1)
    return loss, [dw1, db1, dw2, db2]

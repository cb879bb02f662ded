# why: not only computes the gradients but also takes a step with them

# %% mlp_gradients
#| export
def mlp_gradients(x, labels, w1, b1, w2, b2):
    a = linear(x, w1, b1)
    h = relu(a)
    logits = linear(h, w2, b2)
    loss = cross_entropy(logits, labels)
    dlogits, _ = cross_entropy_backward(1.0, loss, logits, labels)
    dh, dw2, db2 = linear_backward(dlogits, logits, h, w2, b2)
    (da,) = relu_backward(dh, h, a)
    _, dw1, db1 = linear_backward(da, a, x, w1, b1)
    for p, gradient in [(w1, dw1), (b1, db1), (w2, dw2), (b2, db2)]:
        p -= 0.1 * gradient
    return loss, [dw1, db1, dw2, db2]

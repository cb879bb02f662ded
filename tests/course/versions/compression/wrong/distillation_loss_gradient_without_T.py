# why: the gradient as if T were 1

# %% distillation_loss.distillation_loss_backward
def distillation_loss_backward(grad, out, logits, teacher_logits, labels, temperature=4.0, alpha=0.5):
    p, q = np.exp(log_softmax(teacher_logits / temperature)), np.exp(log_softmax(logits / temperature))
    soft = grad * (q - p) / len(labels)
    hard, _ = cross_entropy_backward(grad, out, logits, labels)
    return alpha * soft + (1 - alpha) * hard, None, None

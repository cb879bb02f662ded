# why: the labels' part is softened, too

# %% distillation_loss.distillation_loss_backward
def distillation_loss_backward(grad, out, logits, teacher_logits, labels, temperature=4.0, alpha=0.5):
    p, q = np.exp(log_softmax(teacher_logits / temperature)), np.exp(log_softmax(logits / temperature))
    soft = grad * temperature * (q - p) / len(labels)
    hard, _ = cross_entropy_backward(grad, out, logits / temperature, labels)
    return alpha * soft + (1 - alpha) * hard, None, None

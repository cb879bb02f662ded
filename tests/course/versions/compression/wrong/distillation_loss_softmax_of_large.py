# why: log of a softmax: overflows for sure networks

# %% distillation_loss.distillation_loss
def distillation_loss(logits, teacher_logits, labels, temperature=4.0, alpha=0.5):
    e, f = np.exp(teacher_logits / temperature), np.exp(logits / temperature)
    log_p, log_q = np.log(e / e.sum(axis=1, keepdims=True)), np.log(f / f.sum(axis=1, keepdims=True))
    divergence = (np.exp(log_p) * (log_p - log_q)).sum(axis=1).mean()
    return alpha * temperature**2 * divergence + (1 - alpha) * cross_entropy(logits, labels)

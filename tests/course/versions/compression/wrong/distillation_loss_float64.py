# why: Python's float 64 creeps in

# %% distillation_loss.distillation_loss
def distillation_loss(logits, teacher_logits, labels, temperature=4.0, alpha=0.5):
    log_p, log_q = log_softmax(teacher_logits / temperature), log_softmax(logits / temperature)
    divergence = (np.exp(log_p) * (log_p - log_q)).sum(axis=1).mean()
    return np.float64(alpha) * temperature**2 * divergence + (1 - alpha) * cross_entropy(logits, labels)

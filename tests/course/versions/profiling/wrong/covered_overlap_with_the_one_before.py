# why: subtracts from the sum what neighbours share, and forgets the long one that reaches further

# %% covered
#| export
def covered(intervals):
    intervals = sorted(intervals)
    total = sum(end - start for start, end in intervals)
    for (_, before), (start, end) in itertools.pairwise(intervals):
        total -= max(0, min(before, end) - start)
    return total

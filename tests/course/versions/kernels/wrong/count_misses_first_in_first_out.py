# why: the oldest line goes, used again or not

# %% count_misses.count_misses
def count_misses(addresses, line=64, sets=64, ways=8):
    cache, misses = [[] for _ in range(sets)], 0
    for address in addresses:
        number = address // line
        held = cache[number % sets]
        if number not in held:
            misses += 1
            if len(held) == ways:
                del held[0]
            held.append(number)
    return misses

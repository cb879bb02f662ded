# why: one number out of many with 100 steps for each: 1.0.150 counts as newer than 1.1.0

# %% version_at_least
#| export
def version_at_least(found, needed):
    def value(text):
        total = 0.0
        for place, number in enumerate(parse_version(text)):
            total += number / 100**place
        return total

    return value(found) >= value(needed)

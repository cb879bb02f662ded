"""Answer what students hand in as it arrives: collect, grade, hand a provisional page back."""

"""Points of stations that no list gives or that a list gives wrongly, typed by hand."""

# Places that no list gives, typed by hand from general knowledge and checked against the
# distances to the neighbouring stops (the straight line may not be longer): name -> lon, lat,
# possible error in km.
HAND_PLACED = {
    "衡水南": (115.58, 37.71, 6),
    "枣强南": (115.69, 37.335, 6),
    "清河西": (115.66, 37.08, 6),
    "临清东": (115.80, 36.80, 6),
    "深州东": (115.64, 38.015, 6),
    "肃宁河间": (115.915, 38.415, 6),
    "任丘西": (116.05, 38.70, 6),
    "平潭": (119.72, 25.53, 8),
    "福山": (121.24, 37.46, 6),
    "九华山": (117.84, 30.57, 8),
    "南溪": (104.97, 28.87, 8),
    # The list has it at 119.8, 34.0 in Jiangsu; trains reach it in 20 minutes from 天津西 and 唐山.
    "滨海西": (117.612, 39.086, 3),
    # The list has it in Heilongjiang; it is the old station of Huayin, between 孟塬 and 渭南.
    "华山": (110.05, 34.58, 5),
}
# Stations whose listed point is plainly another place.
# 王庄 of the Houma-Yueshan line is listed at a namesake 170 km away; trains cross it in minutes.
LISTED_WRONG = frozenset({"滨海西", "华山", "王庄"})
HAND_PLACED_PROVINCE = {
    "衡水南": "河北",
    "枣强南": "河北",
    "清河西": "河北",
    "深州东": "河北",
    "肃宁河间": "河北",
    "任丘西": "河北",
    "礼贤": "北京",
}

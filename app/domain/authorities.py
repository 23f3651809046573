"""The numbers of England's local authorities, which stand in identifiers long after an authority is gone."""

from typing import Final

INVENTED_AUTHORITY: Final = "999"

# Contains public sector information licensed under the Open Government Licence v3.0 (local authority codes, Department for Education).
KNOWN_AUTHORITIES: Final = frozenset(
    """
    201 202 203 204 205 206 207 208 209 210 211 212 213 301 302 303 304 305 306 307
    308 309 310 311 312 313 314 315 316 317 318 319 320 330 331 332 333 334 335 336
    340 341 342 343 344 350 351 352 353 354 355 356 357 358 359 370 371 372 373 380
    381 382 383 384 390 391 392 393 394 420 800 801 802 803 805 806 807 808 810 811
    812 813 815 816 821 822 823 825 826 830 831 838 839 840 841 845 846 850 851 852
    855 856 857 860 861 865 866 867 868 869 870 871 872 873 874 876 877 878 879 880
    881 882 883 884 885 886 887 888 889 890 891 892 893 894 895 896 908 909 916 919
    921 925 926 928 929 931 933 935 936 937 938 940 941 942 943
    """.split()  # noqa: SIM905 - eight lines of numbers read better than 155
)


def is_addressable(number: str, *, is_sandbox: bool) -> bool:
    """Whether a school of this side may send to the authority: an invented one from 990 to 999, or a present-day one, never across."""
    return len(number) == 3 and number.isdecimal() and number.startswith("99") if is_sandbox else number in KNOWN_AUTHORITIES


def is_known_authority(number: str) -> bool:
    """Whether this three-digit number is a present-day authority, or the 999 under which examples are invented."""
    return number == INVENTED_AUTHORITY or number in KNOWN_AUTHORITIES

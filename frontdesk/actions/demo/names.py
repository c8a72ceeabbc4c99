"""Names of several cultures, for people who do not exist."""

# Families are drawn together: a first name fits its last name most of the time.
CULTURES = [
    (
        ["James", "Patricia", "Robert", "Linda", "Michael", "Barbara", "William", "Elizabeth", "Emma", "Henry"],
        ["Smith", "Johnson", "Miller", "Davis", "Wilson", "Anderson", "Taylor", "Harris", "Clark", "Lewis"],
    ),
    (
        ["Luis", "Carmen", "José", "Guadalupe", "Alejandro", "Ximena", "Mateo", "Valentina", "Ángel", "Inés"],
        ["Hernández", "López", "Martínez", "Rodríguez", "Núñez", "Ibáñez", "de la Cruz", "Peña", "Soto", "Vega"],
    ),
    (
        ["Wei", "Li Na", "Jun", "Xiu Ying", "Minh", "Linh", "Ji-woo", "Min-jun", "Haruto", "Yui"],
        ["Wang", "Zhang", "Liu", "Tran", "Pham", "Kim", "Lee", "Choi", "Tanaka", "Sato"],
    ),
    (
        ["Arjun", "Ananya", "Rohan", "Lakshmi", "Vikram", "Fatima", "Imran", "Ayesha", "Sanjay", "Deepa"],
        ["Patel", "Sharma", "Iyer", "Reddy", "Khan", "Hussain", "Chowdhury", "Nair", "Singh", "Banerjee"],
    ),
    (
        ["Chidi", "Ngozi", "Kwame", "Abena", "Tunde", "Folasade", "Amadou", "Aïssatou", "Thabo", "Zanele"],
        ["Adeyemi", "Okonkwo", "Mensah", "Owusu", "Balogun", "Traoré", "Diop", "Ndlovu", "Mwangi", "Abebe"],
    ),
    (
        ["Jakub", "Zofia", "Dmitri", "Oksana", "Lukas", "Greta", "Siobhán", "Niamh", "Søren", "Åsa"],
        ["Nowak", "Wiśniewska", "Ivanova", "Shevchenko", "Müller", "Weiß", "O’Connor", "Ní Bhriain", "Jørgensen",
         "Öberg"],
    ),
    (
        ["Omar", "Layla", "Yusuf", "Noor", "Karim", "Yael", "Avi", "Shirin", "Darius", "Leila"],
        ["Mansour", "Haddad", "al-Masri", "Nasser", "Cohen", "Ben-David", "Tehrani", "Farahani", "Kaya", "Yılmaz"],
    ),
]  # fmt: skip
LONG = [
    ("Maximiliana Alexandrina", "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh"),
    ("Lakshminarayanan Venkataraghavan", "Subramaniam Krishnamoorthy Iyengar"),
    ("María de los Ángeles Guadalupe", "Fernández de Córdoba y Álvarez de Toledo"),
]
FIRST_VISITS = [
    ("Dev", "Shah"),
    ("Nora", "Lindgren"),
    ("Malik", "Johnson"),
    ("Yuki", "Mori"),
    ("Beatriz", "Souza"),
    ("Ewa", "Zielińska"),
    ("Samir", "Rahman"),
]
WALK_INS = [
    ("Gloria", "Pratt"),
    ("Andre", "Baptiste"),
    ("Kateryna", "Bondar"),
    ("Hyun-woo", "Jang"),
    ("Elena", "Petrova"),
    ("Caleb", "Stone"),
    ("Rosa", "Delgado"),
]

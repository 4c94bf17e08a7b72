"""Capital cities of the countries that the demo's assistant knows."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

# One "Country: City" a line; a country that has more to say about it carries its own sentence in SPECIAL.
_TABLE = """
Afghanistan: Kabul
Albania: Tirana
Algeria: Algiers
Andorra: Andorra la Vella
Angola: Luanda
Argentina: Buenos Aires
Armenia: Yerevan
Australia: Canberra
Austria: Vienna
Azerbaijan: Baku
the Bahamas: Nassau
Bahrain: Manama
Bangladesh: Dhaka
Barbados: Bridgetown
Belarus: Minsk
Belgium: Brussels
Belize: Belmopan
Bhutan: Thimphu
Bosnia and Herzegovina: Sarajevo
Botswana: Gaborone
Brazil: Brasília
Bulgaria: Sofia
Burkina Faso: Ouagadougou
Cambodia: Phnom Penh
Cameroon: Yaoundé
Canada: Ottawa
Chad: N'Djamena
China: Beijing
Colombia: Bogotá
Costa Rica: San José
Croatia: Zagreb
Cuba: Havana
Cyprus: Nicosia
the Czech Republic: Prague
the Democratic Republic of the Congo: Kinshasa
Denmark: Copenhagen
the Dominican Republic: Santo Domingo
Ecuador: Quito
Egypt: Cairo
El Salvador: San Salvador
Eritrea: Asmara
Estonia: Tallinn
Ethiopia: Addis Ababa
Fiji: Suva
Finland: Helsinki
France: Paris
Gabon: Libreville
Georgia: Tbilisi
Germany: Berlin
Ghana: Accra
Greece: Athens
Guatemala: Guatemala City
Guinea: Conakry
Guyana: Georgetown
Haiti: Port-au-Prince
Honduras: Tegucigalpa
Hungary: Budapest
Iceland: Reykjavik
India: New Delhi
Indonesia: Jakarta
Iran: Tehran
Iraq: Baghdad
Ireland: Dublin
Italy: Rome
Jamaica: Kingston
Japan: Tokyo
Jordan: Amman
Kazakhstan: Astana
Kenya: Nairobi
Kosovo: Pristina
Kuwait: Kuwait City
Kyrgyzstan: Bishkek
Laos: Vientiane
Latvia: Riga
Lebanon: Beirut
Liberia: Monrovia
Libya: Tripoli
Liechtenstein: Vaduz
Lithuania: Vilnius
Luxembourg: Luxembourg City
Madagascar: Antananarivo
Malawi: Lilongwe
Malaysia: Kuala Lumpur
the Maldives: Malé
Mali: Bamako
Malta: Valletta
Mauritania: Nouakchott
Mauritius: Port Louis
Mexico: Mexico City
Moldova: Chișinău
Monaco: Monaco
Mongolia: Ulaanbaatar
Montenegro: Podgorica
Morocco: Rabat
Mozambique: Maputo
Myanmar: Naypyidaw
Namibia: Windhoek
Nepal: Kathmandu
the Netherlands: Amsterdam
New Zealand: Wellington
Nicaragua: Managua
Niger: Niamey
Nigeria: Abuja
North Korea: Pyongyang
North Macedonia: Skopje
Norway: Oslo
Oman: Muscat
Pakistan: Islamabad
Panama: Panama City
Papua New Guinea: Port Moresby
Paraguay: Asunción
Peru: Lima
the Philippines: Manila
Poland: Warsaw
Portugal: Lisbon
Qatar: Doha
Romania: Bucharest
Russia: Moscow
Rwanda: Kigali
San Marino: San Marino
Saudi Arabia: Riyadh
Senegal: Dakar
Serbia: Belgrade
Sierra Leone: Freetown
Singapore: Singapore
Slovakia: Bratislava
Slovenia: Ljubljana
Somalia: Mogadishu
South Korea: Seoul
South Sudan: Juba
Spain: Madrid
Sudan: Khartoum
Suriname: Paramaribo
Sweden: Stockholm
Switzerland: Bern
Syria: Damascus
Taiwan: Taipei
Tajikistan: Dushanbe
Thailand: Bangkok
Togo: Lomé
Trinidad and Tobago: Port of Spain
Tunisia: Tunis
Turkey: Ankara
Turkmenistan: Ashgabat
Uganda: Kampala
Ukraine: Kyiv
the United Arab Emirates: Abu Dhabi
the United Kingdom: London
the United States: Washington
Uruguay: Montevideo
Uzbekistan: Tashkent
Venezuela: Caracas
Vietnam: Hanoi
Yemen: Sana'a
Zambia: Lusaka
Zimbabwe: Harare
"""
_OTHER_NAMES = {
    "america": "united states",
    "britain": "united kingdom",
    "burma": "myanmar",
    "czechia": "czech republic",
    "england": "united kingdom",
    "great britain": "united kingdom",
    "holland": "netherlands",
    "korea": "south korea",
    "macedonia": "north macedonia",
    "türkiye": "turkey",
    "uae": "united arab emirates",
    "uk": "united kingdom",
    "us": "united states",
    "usa": "united states",
    "u.s": "united states",
    "united states of america": "united states",
}
SPECIAL: Mapping[str, str] = MappingProxyType(
    {
        "bolivia": "Bolivia has two: Sucre by law, and La Paz, where the government sits.",
        "netherlands": "The capital of the Netherlands is Amsterdam; the government sits in The Hague.",
        "south africa": "South Africa has three: Pretoria, Cape Town and Bloemfontein.",
        "scotland": "The capital of Scotland is Edinburgh.",
        "wales": "The capital of Wales is Cardiff.",
        "northern ireland": "The capital of Northern Ireland is Belfast.",
    }
)


def _key(country: str) -> str:
    return country.strip().casefold().removeprefix("the ")


_PAIRS = tuple(line.split(": ") for line in _TABLE.strip().splitlines())
CAPITALS: Mapping[str, str] = MappingProxyType(dict(_PAIRS))
_COUNTRIES: Mapping[str, str] = MappingProxyType({_key(country): country for country in CAPITALS})
_CITIES: Mapping[str, str] = MappingProxyType({city.casefold(): country for country, city in CAPITALS.items()})


def capital_sentence(country: str) -> str | None:
    """Return for example "The capital of France is Paris.", None for a country that is not known."""
    key = _key(country.strip(" ?!.,'\""))
    key = _OTHER_NAMES.get(key, key)
    if key in SPECIAL:
        return SPECIAL[key]
    name = _COUNTRIES.get(key)
    return None if name is None else f"The capital of {name} is {CAPITALS[name]}."


def country_sentence(city: str) -> str | None:
    """Return for example "Paris is the capital of France.", None for a city that is no known capital."""
    country = _CITIES.get(city.strip(" ?!.,'\"").casefold())
    return None if country is None else f"{CAPITALS[country]} is the capital of {country}."

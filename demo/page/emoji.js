/**
 * The emoji that the page knows by their Slack names. A name that is not here stays `:as_typed:`, as in Slack.
 */
const TABLE = `
white_check_mark ✅ heavy_check_mark ✔️ ballot_box_with_check ☑️ x ❌ negative_squared_cross_mark ❎ warning ⚠️ no_entry ⛔
no_entry_sign 🚫 octagonal_sign 🛑 exclamation ❗ heavy_exclamation_mark ❗ question ❓ grey_question ❔ bangbang ‼️ interrobang ⁉️
hourglass ⌛ hourglass_flowing_sand ⏳ watch ⌚ alarm_clock ⏰ stopwatch ⏱️ timer_clock ⏲️ clock1 🕐 clock3 🕒 clock9 🕘 calendar 📆 date 📅
large_green_circle 🟢 large_yellow_circle 🟡 large_orange_circle 🟠 red_circle 🔴 large_red_circle 🔴 large_blue_circle 🔵 large_purple_circle 🟣
large_brown_circle 🟤 white_circle ⚪ black_circle ⚫ large_green_square 🟩 large_yellow_square 🟨 large_red_square 🟥 large_blue_square 🟦
large_orange_square 🟧 white_large_square ⬜ black_large_square ⬛ white_small_square ▫️ black_small_square ▪️ small_blue_diamond 🔹
small_orange_diamond 🔸 large_blue_diamond 🔷 large_orange_diamond 🔶 small_red_triangle 🔺 small_red_triangle_down 🔻
whale 🐳 whale2 🐋 dolphin 🐬 penguin 🐧 bee 🐝 honeybee 🐝 octopus 🐙 turtle 🐢 snail 🐌 rabbit2 🐇 cat 🐱 dog 🐶 bug 🐛 spider_web 🕸️
rocket 🚀 package 📦 wrench 🔧 hammer 🔨 hammer_and_wrench 🛠️ gear ⚙️ nut_and_bolt 🔩 toolbox 🧰 electric_plug 🔌 battery 🔋 bulb 💡
computer 💻 desktop_computer 🖥️ floppy_disk 💾 cd 💿 satellite 🛰️ satellite_antenna 📡 globe_with_meridians 🌐 earth_africa 🌍 link 🔗 chains ⛓️
lock 🔒 unlock 🔓 lock_with_ink_pen 🔏 closed_lock_with_key 🔐 key 🔑 old_key 🗝️ shield 🛡️ firecracker 🧨 fire 🔥 boom 💥 zap ⚡ bomb 💣
rotating_light 🚨 mega 📣 loudspeaker 📢 bell 🔔 no_bell 🔕 mute 🔇 speaker 🔈 pager 📟 telephone_receiver 📞 phone ☎️ sos 🆘
construction 🚧 traffic_light 🚦 vertical_traffic_light 🚥 checkered_flag 🏁 triangular_flag_on_post 🚩 white_flag 🏳️ wastebasket 🗑️ broom 🧹
memo 📝 pencil ✏️ pencil2 ✏️ clipboard 📋 page_facing_up 📄 page_with_curl 📃 scroll 📜 books 📚 book 📖 bookmark 🔖 label 🏷️
file_folder 📁 open_file_folder 📂 card_index_dividers 🗂️ file_cabinet 🗄️ bar_chart 📊 chart_with_upwards_trend 📈
chart_with_downwards_trend 📉 mag 🔍 mag_right 🔎 pushpin 📌 round_pushpin 📍 paperclip 📎 scissors ✂️ straight_ruler 📏 inbox_tray 📥
outbox_tray 📤 envelope ✉️ email 📧 incoming_envelope 📨 speech_balloon 💬 thought_balloon 💭 left_speech_bubble 🗨️ eyes 👀 eye 👁️
arrow_right ➡️ arrow_left ⬅️ arrow_up ⬆️ arrow_down ⬇️ arrow_upper_right ↗️ arrow_lower_right ↘️ arrow_lower_left ↙️ arrow_upper_left ↖️
arrow_up_down ↕️ left_right_arrow ↔️ arrow_right_hook ↪️ leftwards_arrow_with_hook ↩️ arrows_counterclockwise 🔄 arrows_clockwise 🔃
repeat 🔁 arrow_forward ▶️ arrow_backward ◀️ fast_forward ⏩ rewind ⏪ double_vertical_bar ⏸️ pause_button ⏸️ black_square_for_stop ⏹️
stop_button ⏹️ arrow_up_small 🔼 arrow_down_small 🔽 heavy_plus_sign ➕ heavy_minus_sign ➖ heavy_multiplication_x ✖️ heavy_division_sign ➗
infinity ♾️ recycle ♻️ new 🆕 up 🆙 ok 🆗 free 🆓 cool 🆒 sparkles ✨ star ⭐ star2 🌟 tada 🎉 confetti_ball 🎊 trophy 🏆 medal 🎖️ crown 👑
one 1️⃣ two 2️⃣ three 3️⃣ four 4️⃣ five 5️⃣ six 6️⃣ seven 7️⃣ eight 8️⃣ nine 9️⃣ keycap_ten 🔟 zero 0️⃣ 100 💯 1234 🔢 information_source ℹ️
+1 👍 thumbsup 👍 -1 👎 thumbsdown 👎 ok_hand 👌 wave 👋 clap 👏 raised_hands 🙌 pray 🙏 muscle 💪 point_right 👉 point_left 👈
point_up ☝️ point_up_2 👆 point_down 👇 raised_hand ✋ hand ✋ handshake 🤝 writing_hand ✍️ shrug 🤷 facepalm 🤦
smile 😄 smiley 😃 grin 😁 grinning 😀 joy 😂 slightly_smiling_face 🙂 wink 😉 blush 😊 thinking_face 🤔 neutral_face 😐 disappointed 😞 cry 😢
sob 😭 scream 😱 sweat_smile 😅 sleeping 😴 zzz 💤 skull 💀 ghost 👻 robot_face 🤖 robot 🤖 sunglasses 😎 nerd_face 🤓 heart ❤️ broken_heart 💔
green_heart 💚 blue_heart 💙 yellow_heart 💛 coffee ☕ beer 🍺 beers 🍻 pizza 🍕 cake 🍰 birthday 🎂 sunny ☀️ cloud ☁️ rain_cloud 🌧️
snowflake ❄️ umbrella ☔ rainbow 🌈 ocean 🌊 seedling 🌱 evergreen_tree 🌲 deciduous_tree 🌳 ship 🚢 anchor ⚓ boat ⛵ container 📦 truck 🚚 car 🚗
house 🏠 office 🏢 factory 🏭 hospital 🏥 ambulance 🚑 fire_engine 🚒 police_car 🚓 bust_in_silhouette 👤 busts_in_silhouette 👥 detective 🕵️
male-detective 🕵️ female-firefighter 👩‍🚒 pill 💊 syringe 💉 stethoscope 🩺 adhesive_bandage 🩹 microscope 🔬 test_tube 🧪 crystal_ball 🔮
magic_wand 🪄 gift 🎁 balloon 🎈 game_die 🎲 dart 🎯 world_map 🗺️ compass 🧭 thermometer 🌡️ scales ⚖️ white_square_button 🔳 radio_button 🔘
`;

/** @type {ReadonlyMap<string, string>} */
const EMOJI = new Map(TABLE.trim().split(/\n/).flatMap(readRow));

/** @param {string} row */
function readRow(row) {
  const words = row.trim().split(/\s+/);
  return Array.from(
    { length: Math.floor(words.length / 2) },
    (_, i) => /** @type {[string, string]} */ ([words[2 * i], words[2 * i + 1]]),
  );
}

/** What a name looks like at the start of a text: `:white_check_mark:`, `:+1::skin-tone-3:`. */
export const EMOJI_AT_START = /^:([a-z0-9_+'-]{1,60}):(?::skin-tone-[2-6]:)?/;

/**
 * @param {string} name without colons
 * @returns {string | undefined} the character
 */
export function emojiCharacter(name) {
  return EMOJI.get(name);
}

/**
 * Replaces the names of a plain text by characters.
 *
 * @param {string} text
 */
export function withEmoji(text) {
  return text.replaceAll(
    /:([a-z0-9_+'-]{1,60}):/g,
    (whole, /** @type {string} */ name) => EMOJI.get(name) ?? whole,
  );
}

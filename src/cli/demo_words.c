/* demo_words.c -- invented names (demo.h). Surnames by their frequency in the country, given names by generation-neutral
 * characters, one in forty with a rare character as real rosters have. */
#include "base/utf8.h"
#include "cli/demo.h"

int64_t demo_between(struct demo *d, int64_t from, int64_t to)
{
	return to <= from ? from : from + (int64_t)rng_below(&d->rng, (uint64_t)(to - from + 1));
}

bool demo_chance(struct demo *d, int percent)
{
	return (int)rng_below(&d->rng, 100) < percent;
}

/* The i-th of a run of Han characters. */
static str han(const char *run, size_t i)
{
	size_t k = 0;
	str s = str_of(run);
	for (utf8_next(s, &k); i > 0; i--) {
		s = str_from(s, k);
		utf8_next(s, &k);
	}
	return str_head(s, k);
}

static str any_han(struct demo *d, const char *run)
{
	return han(run, (size_t)rng_below(&d->rng, utf8_count(str_of(run))));
}

str demo_person_name(struct demo *d, bool male)
{
	static const char common[] = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董"
				     "潘袁于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆"
				     "汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱"
				     "严覃武戴莫孔向汤单解仇区翟";
	static const char *const compound[] = {
		"欧阳", "司马", "上官", "诸葛", "尉迟", "令狐", "皇甫", "慕容"};
	static const char boys[] = "浩宇轩博文杰俊峰鹏磊强军建国志明辉涛超伟勇刚毅晨阳子涵睿泽航翔龙凯瑞恒岩"
				   "松柏林森海洋波川江河山";
	static const char girls[] = "欣怡梦琪雨桐诗涵佳颖静雅婷婷芳丽娜敏洁燕霞玲梅兰菊雪晴月心悦可馨思瑶若曦"
				    "语嫣紫萱晓蕾丹妍璐倩蓉";
	static const char rare[] = "䶮堃昇玥翀喆犇淼骉頔祎婧赟瑄禛";
	str surname = demo_chance(d, 2)
			      ? str_of(compound[rng_below(&d->rng, sizeof compound / sizeof *compound)])
		      : demo_chance(d, 55) ? han(common, (size_t)rng_below(&d->rng, 20))
					   : any_han(d, common);
	const char *given = male ? boys : girls;
	str first = any_han(d, given), second = {NULL, 0};
	if (demo_chance(d, 78))
		second = rng_below(&d->rng, 40) == 0 ? any_han(d, rare) : any_han(d, given);
	return arena_fmt(d->a, "%.*s%.*s%.*s", STR_ARG(surname), STR_ARG(first), STR_ARG(second));
}

str demo_county_name(int i)
{
	static const char *const names[] = {"东河县", "西泽县", "南浦区", "北岭县", "云台县", "清溪县",
		"望海区", "长亭县", "石门县", "双桥县", "白鹭区", "青岚县", "怀远县", "金塘县", "松江县",
		"平湖区"};
	return str_of(names[(size_t)i % (sizeof names / sizeof *names)]);
}

str demo_town_name(struct demo *d, int i)
{
	static const char first[] = "青柳桃杏槐松竹梅兰荷菱云龙凤鹤雁石沙金银玉清白黄红";
	static const char second[] = "河溪湖泉塘湾坪岭岗川桥亭店集堡寨庄坡洼浦";
	str a = han(first, (size_t)i % utf8_count(str_of(first))),
	    b = han(second, (size_t)(i * 7 + i / 25) % utf8_count(str_of(second)));
	return arena_fmt(d->a, "%.*s%.*s%s", STR_ARG(a), STR_ARG(b),
		i % 5 == 4   ? "街道"
		: i % 7 == 6 ? "乡"
			     : "镇");
}

str demo_village_name(struct demo *d, int i)
{
	static const char first[] = "赵钱孙李周吴郑王冯陈杨朱秦许何吕张孔曹严华金魏陶姜谢邹苏潘葛范彭郎鲁韦";
	static const char *const second[] = {
		"家庄村", "家湾村", "家寨村", "家岭村", "楼村", "庄社区", "家河村"};
	return arena_fmt(d->a, "%.*s%s", STR_ARG(han(first, (size_t)i % utf8_count(str_of(first)))),
		second[(size_t)(i / 5) % (sizeof second / sizeof *second)]);
}
